// A form or a button that downloads a file: once the browser has it, the page is loaded again, so that it shows the new
// state.
for (const form of document.querySelectorAll("form[data-download], form:has([data-download])")) {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter ?? form.querySelector("button");
    if (!form.matches("[data-download]") && !button.matches("[data-download]")) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    button.disabled = true;
    const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
    const name = /filename="([^"]+)"/.exec(answer?.headers.get("content-disposition") ?? "");
    if (!answer?.ok || !name) {
      form.submit(); // the server's own page says why
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name[1];
    link.click();
    setTimeout(() => location.reload(), 500);
  });
}
