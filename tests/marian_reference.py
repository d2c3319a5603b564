"""A Marian student written out in NumPy, one sentence at a time: what the graphs are compared with.

Products are in 8 bits as said in Kim et al. 2019: an input times its multiplier is rounded and cut off.
"""

import numpy as np

from models.translate.marian import MarianModel

HEADROOM = 0.85


class ReferenceStudent:
    """Gives the numbers of a network; arrays have a row for each piece."""

    def __init__(self, model: MarianModel) -> None:
        self.model = model

    def linear(self, x, weight, bias=None, rounded_for=None, lowest=-128, steps=1):
        """Multiply; the bias is rounded to the steps of the product. One rounding may serve several matrices."""
        matrix = self.model.matrices[weight]
        rounded, multiplier = self._rounded(x, rounded_for or weight, lowest, steps)
        scale = multiplier * matrix.multiplier
        summand = np.rint(self.model.arrays[bias][0] * scale) if bias else 0
        return (rounded @ matrix.values.astype(np.float64) + summand) / scale

    def encode(self, source):
        """Give what the encoder makes of source pieces."""
        sizes = self.model.sizes
        x = self._embedded(self.model.source_embedding, source) + positions(len(source), sizes.dimension)
        for layer in range(1, sizes.encoder_layers + 1):
            x, _ = self._attended(x, x, f"encoder_l{layer}_self", shared=f"encoder_l{layer}_self_Wq")
            x = self._feed_forward(x, f"encoder_l{layer}")
        return x

    def step(self, memory, piece, position, states):
        """Give scores of all target pieces, the first head's weights and the new states; no piece at the beginning."""
        sizes = self.model.sizes
        x = positions(position + 1, sizes.dimension)[position:]
        if piece is not None:
            x = x + self._embedded(self.model.target_embedding, [piece])
        next_states, weights = [], []
        for layer, state in enumerate(states, 1):
            name = f"decoder_l{layer}_rnn"
            gate = 1 / (1 + np.exp(-self.linear(x, f"{name}_Wf", f"{name}_bf", rounded_for=f"{name}_W")))
            next_states.append(gate * state + (1 - gate) * self.linear(x, f"{name}_W"))
            x = self._normalized(x + np.maximum(next_states[-1], 0), f"{name}_ffn")
            x, weights = self._attended(x, memory, f"decoder_l{layer}_context")
            x = self._feed_forward(x, f"decoder_l{layer}")
        output = self.model.output
        rounded, multiplier = self._rounded(x, self.model.output_input)
        scores = rounded @ output.values.T.astype(np.float64) / multiplier / output.multiplier
        return (scores + self.model.arrays["decoder_ff_logit_out_b"])[0], weights[0][0], next_states

    def greedy(self, source, allowed, end, limit):
        """Give the best pieces of those allowed, their log-probabilities, and by how much each was the best."""
        memory, states = self.encode(source), [np.zeros((1, self.model.sizes.dimension))] * self._layers
        pieces: list[int] = []
        log_probabilities, margins = [], []
        while len(pieces) < limit and (not pieces or pieces[-1] != end):
            scores, _, states = self.step(memory, pieces[-1] if pieces else None, len(pieces), states)
            log_shares = scores[allowed] - np.log(np.exp(scores[allowed]).sum())
            order = np.argsort(-log_shares)
            pieces.append(int(allowed[order[0]]))
            log_probabilities.append(log_shares[order[0]])
            margins.append(log_shares[order[0]] - log_shares[order[1]])
        return pieces, log_probabilities, margins

    @property
    def _layers(self):
        return self.model.sizes.decoder_layers

    def _rounded(self, x, weight, lowest=-128, steps=1):
        multiplier = steps * HEADROOM * self.model.arrays[f"{weight}_QuantMultA"].item()
        return np.clip(np.rint(x * multiplier), lowest, lowest + 255), multiplier

    def _embedded(self, embedding, pieces):
        return embedding.values[pieces].astype(np.float64) / embedding.multiplier * self.model.sizes.dimension**0.5

    def _normalized(self, x, name):
        centered = x - x.mean(-1, keepdims=True)
        scaled = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-9)
        return scaled * self.model.arrays[f"{name}_ln_scale"][0] + self.model.arrays[f"{name}_ln_bias"][0]

    def _feed_forward(self, x, layer):
        first, second = f"{layer}_ffn_W1", f"{layer}_ffn_W2"
        wide = self.linear(x, first, f"{layer}_ffn_b1")
        narrow = self.linear(wide, second, f"{layer}_ffn_b2", lowest=0, steps=2)
        return self._normalized(x + narrow, f"{layer}_ffn_ffn")

    def _attended(self, x, memory, name, shared=None):
        parts = [
            self.linear(x if part == "q" else memory, f"{name}_W{part}", f"{name}_b{part}", shared) for part in "qkv"
        ]
        mixed, weights = attention(parts, self.model.sizes)
        return self._normalized(x + self.linear(mixed, f"{name}_Wo", f"{name}_bo"), f"{name}_Wo"), weights


def attention(parts, sizes):
    """Attend head by head; query, key and value of one sentence, (length, dimension) each."""
    query, key, value = parts
    mixed, weights = [], []
    for head in range(sizes.heads):
        part = slice(head * sizes.width, (head + 1) * sizes.width)
        scores = query[:, part] @ key[:, part].T / np.sqrt(sizes.width)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        weights.append(shares / shares.sum(-1, keepdims=True))
        mixed.append(weights[-1] @ value[:, part])
    return np.concatenate(mixed, axis=-1), weights


def positions(count, dimension):
    """Give sinusoid positions as Marian's: first half sines, second half cosines."""
    half = dimension // 2
    angles = np.arange(count)[:, None] / 10000.0 ** (np.arange(half) / (half - 1))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
