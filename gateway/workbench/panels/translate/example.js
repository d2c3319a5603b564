// A text to try the translation with.

const EXAMPLES = {
  en: "CLAIMS\n\n1. A fastening device (10) comprising a housing (12), a spring (14) and a lid (16), wherein the spring (14) holds the lid (16) closed.\n2. The device of claim 1, wherein the spring (14) is made of steel and is at most 2.5 mm thick.",
  es: "1. Dispositivo de fijación (10) que comprende una caja (12), un muelle (14) y una tapa (16), en el que el muelle (14) mantiene cerrada la tapa (16).",
  pt: "1. Dispositivo de fixação (10) que compreende um invólucro (12), uma mola (14) e uma tampa (16), em que a mola (14) mantém a tampa (16) fechada.",
};

/** Return an example in the language that is wished, or in one that is not that of the translation. */
export function exampleFor({ sourceLanguage, targetLanguage }) {
  return EXAMPLES[sourceLanguage] ?? (targetLanguage.startsWith("en") ? EXAMPLES.pt : EXAMPLES.en);
}
