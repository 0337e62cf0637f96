// Subscribes this browser to push messages, and hands its address to the form. Without it the form is hidden.
const form = document.querySelector("[data-push-key]");
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const subscribe = async () => {
  const worker = await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
  if (await Notification.requestPermission() !== "granted") throw new Error("denied");
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.pushKey) });
};
if (form && "serviceWorker" in navigator && "PushManager" in window) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.address.value) return;
    event.preventDefault();
    subscribe().then((made) => {
      form.elements.address.value = JSON.stringify(made);
      form.requestSubmit();
    }).catch(() => { form.querySelector("[data-refused]").hidden = false; });
  });
}
