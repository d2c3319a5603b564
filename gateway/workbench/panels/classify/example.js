// A text to try the panel with, of our own.

export const EXAMPLE = {
  title: "Toothbrush with replaceable bristle head",
  abstract:
    "A toothbrush comprises a handle and a brush head with bristles. The head is held on the handle by a snap connection, " +
    "so that worn bristles can be replaced without discarding the handle. The bristles are arranged in rows at an angle to " +
    "one another and are anchored in the brush body; a flexible neck between handle and head limits the pressure of the " +
    "bristles on teeth and gums. A colored ring of bristles fades with use and shows when the head should be replaced.",
};
