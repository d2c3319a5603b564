// Stands in for the Office.js that the pane asks for first: it fetches the part for Word from beside itself by adding a
// script, takes two functions of the browser away as the real one does, and is ready when Word's part has come.
// `officeSetup`, put before, tells the host, its language, the version of WordApi and what stands in the document.
{
  const setup = { host: "Word", version: 1.8, language: "en-US", isDark: false, ...globalThis.officeSetup };
  history.replaceState = null;
  history.pushState = null;

  class OfficeError extends Error {
    constructor(code) {
      super(code);
      this.code = code;
      this.debugInfo = {};
    }
  }

  const fetched = new Promise((resolve) => {
    const part = document.createElement("script");
    part.src = new URL("word.js", document.currentScript.src).href;
    part.addEventListener("load", resolve);
    document.head.append(part);
  });

  globalThis.OfficeExtension = { Error: OfficeError };
  globalThis.Office = {
    onReady: async () => {
      await fetched;
      return { host: setup.host, platform: "PC" };
    },
    context: {
      displayLanguage: setup.language,
      officeTheme: { isDarkTheme: setup.isDark },
      requirements: { isSetSupported: (name, version) => name === "WordApi" && Number(version) <= setup.version },
    },
  };
}
