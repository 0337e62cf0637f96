// Shows a push message, and opens its alarm when it is pressed.
self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data.json(); } catch { /* a message without text */ }
  event.waitUntil(self.registration.showNotification(said.title || "Weerwoord", {
    body: said.body || "", tag: said.tag, data: { url: said.url || "/" }, requireInteraction: true,
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(new URL(event.notification.data.url, self.location.origin).pathname));
});
