// Forms with a data-passkey address ask the browser for a passkey, and send what it answers in the field "credential".
const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const decodeIds = (list) => (list || []).map((item) => ({ ...item, id: decode(item.id) }));

async function createPasskey(options) {
  const user = { ...options.user, id: decode(options.user.id) };
  const excludeCredentials = decodeIds(options.excludeCredentials);
  const publicKey = { ...options, user, excludeCredentials, challenge: decode(options.challenge) };
  const made = await navigator.credentials.create({ publicKey });
  return describe(made, { attestationObject: encode(made.response.attestationObject) });
}

async function askPasskey(options) {
  const publicKey = { ...options, challenge: decode(options.challenge) };
  if (options.allowCredentials) publicKey.allowCredentials = decodeIds(options.allowCredentials);
  const used = await navigator.credentials.get({ publicKey });
  const { authenticatorData, signature, userHandle } = used.response;
  return describe(used, {
    authenticatorData: encode(authenticatorData),
    signature: encode(signature),
    userHandle: userHandle ? encode(userHandle) : null,
  });
}

function describe(credential, response) {
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: encode(credential.response.clientDataJSON), ...response },
    clientExtensionResults: {},
  };
}

async function answer(form) {
  const token = form.elements.csrfmiddlewaretoken.value;
  const sent = await fetch(form.dataset.passkey, { method: "POST", headers: { "X-CSRFToken": token } });
  if (!sent.ok) throw new Error(String(sent.status));
  const { publicKey } = await sent.json();
  return publicKey.user ? createPasskey(publicKey) : askPasskey(publicKey);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const problem = form.querySelector("[data-problem]");
  if (!window.PublicKeyCredential) {
    form.querySelector("[data-unable]").hidden = false;
    form.querySelector("button").disabled = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await answer(form));
    } catch {
      problem.hidden = false;
      form.querySelector("button").focus();
      return;
    }
    form.submit();
  });
}
