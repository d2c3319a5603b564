// The panels of the workbench in the order of their tabs; each is fetched, with its texts, when it is first opened.

export const PANELS = [
  { name: "classify", scope: "classify", load: () => import("./panels/classify.js") },
  { name: "marks", scope: "marks:read", load: () => import("./panels/marks.js") },
  { name: "translate", scope: "translate", load: () => import("./panels/translate.js") },
];
