// A Bluesky network on this machine: identity server, account server, the app's index, moderation.
// The last line on stdout says where it is; POST to `settle` returns once everything is indexed.
// It ends when its stdin is closed, so that it never outlives the tests.
const http = require('node:http')
const { TestNetwork } = require('@atproto/dev-env')

async function main() {
  const network = await TestNetwork.create({
    dbPostgresSchema: 'weerwoord',
    pds: { hostname: 'localhost', enableDidDocWithSession: true },
  })
  const control = http.createServer((request, response) => {
    network.processAll(20000).then(
      () => response.writeHead(204).end(),
      (fault) => response.writeHead(500).end(String(fault)),
    )
  })
  control.listen(0, '127.0.0.1', () => {
    const settle = `http://127.0.0.1:${control.address().port}/`
    console.log(JSON.stringify({ service: `http://localhost:${network.pds.port}`, settle }))
  })
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}

main().catch((fault) => {
  console.error(fault)
  process.exit(1)
})
