// Lets Office.js fetch its own parts, and no other script in: it sets addresses of scripts as plain text, which a page
// that wants Trusted Types refuses unless this policy vouches for them. Markup from text stays refused.
{
  const { origin } = new URL(document.currentScript.dataset.officeJs);
  globalThis.trustedTypes?.createPolicy("default", {
    createScriptURL: (address) => (new URL(address, location.href).origin === origin ? address : null),
  });
}
