// A form that downloads a file: once the browser has it, the page is loaded again, so that it shows the new state.
for (const form of document.querySelectorAll("form[data-download]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
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
