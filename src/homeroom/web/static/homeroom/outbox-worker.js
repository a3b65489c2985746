// The service worker: pages that may be kept (header Homeroom-Keep) open without a network, for twelve hours.
// They are dropped at each sign-in and sign-out, when a session is over, and when another person's page is seen.
"use strict";
const PAGES = "homeroom-pages:";
const ASSETS = "homeroom-assets";
const OFFLINE = "/offline";
const MAX_AGE = 12 * 3600 * 1000;
const FRESH = 5 * 60 * 1000;
const PATIENCE = 6000;
const ACCOUNT = /^(\/d\/[-\w]+)?\/sign-(in|out)$/;
const MAX_ADDRESSES = 60;
let epoch = 0; // counts how often pages were dropped: an answer that was asked for before is not kept

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepOfflinePage());
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (event.data && Array.isArray(event.data.keep)) event.waitUntil(keepAll(event.data));
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && ACCOUNT.test(url.pathname)) event.waitUntil(dropPages());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(openPage(event, request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(openAsset(event, request));
});

async function keepOfflinePage() {
  const cache = await caches.open(ASSETS);
  await cache.add(new Request(OFFLINE, { cache: "no-store", credentials: "omit" }));
  await keepAssets(await (await cache.match(OFFLINE, { ignoreVary: true })).text(), true);
}

// Keep the styles and scripts of a page: those that are not yet, or all of them again.
async function keepAssets(page, again) {
  const cache = await caches.open(ASSETS);
  const addresses = new Set(Array.from(page.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g), (match) => match[1]));
  for (const address of addresses) {
    if (again || !(await cache.match(address, { ignoreVary: true }))) await cache.add(address).catch(() => undefined);
  }
}

// The network first. A page that was kept opens if there is none, and if a weak one does not answer in time.
async function openPage(event, request) {
  const began = epoch;
  const answer = fetch(request);
  event.waitUntil(answer.then((response) => notePage(request.url, response.clone(), began)).catch(() => undefined));
  const kept = await findPage(request.url);
  try {
    return await (kept ? Promise.race([answer, expire()]) : answer);
  } catch (error) {
    if (kept && began === epoch) return kept;
    return (await caches.match(OFFLINE, { cacheName: ASSETS, ignoreVary: true })) || Response.error();
  }
}

function expire() {
  return new Promise((resolve, reject) => setTimeout(() => reject(new Error("late")), PATIENCE));
}

async function openAsset(event, request) {
  try {
    const response = await fetch(request);
    if (response.ok) event.waitUntil(refreshAsset(request, response.clone()));
    return response;
  } catch (error) {
    return (await caches.match(request, { cacheName: ASSETS, ignoreVary: true })) || Response.error();
  }
}

async function refreshAsset(request, response) {
  const cache = await caches.open(ASSETS);
  if (await cache.match(request, { ignoreVary: true })) await cache.put(request, response);
}

async function keepAll(message) {
  for (const address of message.keep.slice(0, MAX_ADDRESSES)) await refreshPage(address, Boolean(message.fresh));
}

async function refreshPage(address, again) {
  const url = new URL(address, self.location).href;
  const page = await findPage(url);
  if (page && !again && Date.now() - Number(page.headers.get("Homeroom-Kept")) < FRESH) return;
  const began = epoch;
  try {
    await notePage(url, await fetch(url, { cache: "no-store", redirect: "manual", credentials: "same-origin" }), began);
  } catch (error) {
    return; // no network: what was kept stays
  }
}

// Keep the page of a response, or drop what the response shows to be somebody else's or over.
async function notePage(address, response, began) {
  const scope = response.headers.get("Homeroom-Scope");
  if (response.type === "opaqueredirect") {
    if (await findPage(address)) await dropPages(); // a page that was kept now leads elsewhere: to the sign-in
    return;
  }
  if (scope) await dropOthers(scope, address);
  if (response.status === 403 || response.status === 404) await dropAddress(address);
  const terms = (response.headers.get("Homeroom-Keep") || "").split(" ").filter(Boolean);
  if (!scope || !terms.length || !response.ok || response.redirected) return;
  const headers = new Headers(response.headers);
  headers.set("Homeroom-Kept", String(Date.now()));
  const body = await response.blob();
  for (const other of [address, ...terms.slice(1).map((path) => new URL(path, self.location).href)]) {
    await dropAddress(other);
    if (began !== epoch) return;
    await (await caches.open(PAGES + scope)).put(other, new Response(body, { status: response.status, headers }));
  }
  if (began !== epoch) await dropPages();
  else await keepAssets(await body.text(), false);
}

async function findPage(address) {
  for (const name of await listPageCaches()) {
    const page = await caches.match(address, { cacheName: name, ignoreVary: true });
    if (!page) continue;
    if (Date.now() - Number(page.headers.get("Homeroom-Kept")) < MAX_AGE) return page;
    await (await caches.open(name)).delete(address, { ignoreVary: true });
  }
  return undefined;
}

async function listPageCaches() {
  return (await caches.keys()).filter((name) => name.startsWith(PAGES));
}

async function dropPages() {
  epoch += 1;
  await Promise.all((await listPageCaches()).map((name) => caches.delete(name)));
}

// Drop what is not of this person, and what another district left at addresses that are now of this one.
async function dropOthers(scope, address) {
  const person = PAGES + scope.split(".")[0] + ".";
  for (const name of (await listPageCaches()).filter((name) => name !== PAGES + scope)) {
    if (!name.startsWith(person)) { await caches.delete(name); continue; }
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (findPrefix(request.url) === findPrefix(address)) await cache.delete(request, { ignoreVary: true });
    }
  }
}

// The part of an address that names a district; empty if there is none.
function findPrefix(address) {
  const match = /^\/d\/[-\w]+(?=\/|$)/.exec(new URL(address, self.location).pathname);
  return match ? match[0] : "";
}

async function dropAddress(address) {
  for (const name of await listPageCaches()) await (await caches.open(name)).delete(address, { ignoreVary: true });
}
