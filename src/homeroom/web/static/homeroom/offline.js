// Lists the pages that are on this phone, on the page for addresses that are not.
(async function () {
  "use strict";
  const section = document.getElementById("kept");
  if (!section || !("caches" in window)) return;
  const pages = new Map();
  for (const name of (await caches.keys()).filter((name) => name.startsWith("homeroom-pages:"))) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const page = await cache.match(request, { ignoreVary: true });
      const title = page && page.headers.get("Homeroom-Title");
      if (title && Date.now() - Number(page.headers.get("Homeroom-Kept")) < 12 * 3600 * 1000) pages.set(decodeURIComponent(title), request.url);
    }
  }
  section.querySelector("ul").replaceChildren(...Array.from(pages, ([title, address]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = address;
    link.textContent = title;
    item.append(link);
    return item;
  }));
  section.hidden = pages.size === 0;
})();
