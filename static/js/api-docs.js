// Shows the API's description. Calls that are tried out go as the person who is signed in.
const place = document.getElementById("api-docs");
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function followTheme() {
  const theme = root.dataset.theme || (dark.matches ? "dark" : "light");
  root.classList.toggle("dark-mode", theme === "dark");
}

function withFormToken(request) {
  const isOurs = new URL(request.url, location.href).origin === location.origin;
  if (isOurs && request.method && request.method !== "GET") {
    Object.assign(request.headers, JSON.parse(document.body.getAttribute("hx-headers")));
  }
  return request;
}

followTheme();
dark.addEventListener("change", followTheme);
new MutationObserver(followTheme).observe(root, { attributeFilter: ["data-theme"] });
window.SwaggerUIBundle({
  url: place.dataset.address,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
  syntaxHighlight: false,
  requestInterceptor: withFormToken,
});
