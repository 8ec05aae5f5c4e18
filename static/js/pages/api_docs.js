// Draws the description of the API. The session's CSRF token goes along, so that "Try it out" works when signed in.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("swagger");
  const token = () => (document.cookie.match(/csrftoken=([^;]+)/) || [])[1] || "";
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    validatorUrl: null,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    requestInterceptor: (request) => {
      if (!/^(GET|HEAD)$/i.test(request.method || "GET")) request.headers["X-CSRFToken"] = token();
      return request;
    },
  });
});
