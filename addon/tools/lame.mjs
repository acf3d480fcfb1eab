/**
 * LAME as it ships: lamejs encodes the same bytes, but at a quality of ours, and without asking for new memory for every
 * frame: 364 typed arrays each cost a third of all its time, in making them and in sweeping them up.
 */

const HEADER = `/*!
 * LAME, the MP3 encoder, in JavaScript: @breezystack/lamejs, unchanged but for this header, its quality setting, which
 * is 7 instead of 3 (of 0 to 9): no noise shaping, which nobody hears of one voice at these bitrates, for half the CPU;
 * and to save time at the same bytes: the memory it works in is used again for the next frame, thirds of an index that
 * named properties nobody asked for are left out, and what noise shaping needs is made behind the question for it.
 * LGPL-3.0; https://github.com/shijinyu/lamejs, after https://github.com/zhuker/lamejs and https://lame.sourceforge.io
 * This file may be replaced by another build that exports the same Mp3Encoder.
 */
`;

/** By the place in the source that asks for it. Frames are encoded one after the other, and nothing outlasts its frame. */
const HELPERS = `var memory = [];
function reused(place, make, size) {
  var kept = memory[place];
  if (kept) cleared(kept);
  else kept = memory[place] = make(size);
  return kept;
}
function cleared(kept) {
  if (Array.isArray(kept)) kept.forEach(cleared);
  else kept.fill(0);
}
function made(place, Type) {
  return memory[place] || (memory[place] = new Type());
}
`;

/** lamejs's source, tuned. Throws when it is another version, in which something stands elsewhere. */
export function tunedLame(source) {
  let places = 0;
  /** In what stands between `from` and `to`, once each: the calls of these makers of arrays, and `new` of these types. */
  const reuse = (text, from, to, makers, types = []) =>
    between(text, from, to, (part) => {
      let changed = part;
      for (const name of makers) changed = changed.replaceAll(word(name, '\\('), () => `reused(${places++}, ${name}, `);
      for (const name of types) {
        changed = changed.replaceAll(new RegExp(`new ${name}\\(\\)`, 'g'), () => `made(${places++}, ${name})`);
      }
      if (changed === part) throw new Error(`lamejs asks for no memory where it did: "${from}".`);
      return changed;
    });
  let lame = once(source, '.quality = 3,', '.quality = 7,');
  lame = reuse(lame, 'this.L3psycho_anal_ns = function', 'function d0(', ['g0', 'm1', 'L1']);
  lame = reuse(lame, 'this.mdct_sub48 = function', 'return ce = Q', ['u0']);
  lame = reuse(lame, 'this.lame_encode_mp3_frame = function', 'return Ae = g', ['W', 'Q'], ['A']);
  lame = reuse(lame, 'this.iteration_loop = function', 'this.quantize.rv.ResvFrameBegin', ['ge', 'T2']);
  // Without noise shaping the loop ends before it needs any of these.
  const needed =
    'p = new la(), H = K1(576), B = K1(va.SFBMAX), I = new we(), v0, b = new G2(), a = 9999999, S = !1, L = !1, V = 0;';
  const ended = 'if (g(M, o, l, e, d), M.noise_shaping == 0)\n      return 100;';
  lame = once(lame, `, ${needed}\n    ${ended}`, `;\n    ${ended}\n    var ${needed}`);
  // A third of an index names a property that nobody asks for; making its name costs more than all the rest of the loop.
  lame = between(lame, 'this.L3psycho_anal_ns = function', 'function d0(', (psycho) =>
    once(
      once(psycho, 'x1[1 + l0 / 3] += a1', 'l0 % 3 == 0 && (x1[1 + l0 / 3] += a1)'),
      'l0 = 0; l0 < 12; l0++)\n        U0[l0 / 3] == 0',
      'l0 = 0; l0 < 12; l0 += 3)\n        U0[l0 / 3] == 0',
    ),
  );
  return `${HEADER}${HELPERS}${lame}`;
}

function once(text, what, by) {
  const parts = text.split(what);
  if (parts.length !== 2) throw new Error(`This lamejs is another one: "${what}" is not there once.`);
  return parts.join(by);
}

function between(text, from, to, change) {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start);
  if (start < 0 || end < 0 || text.includes(from, start + 1)) {
    throw new Error(`This lamejs is another one: "${from}" is not there once, or "${to}" not behind it.`);
  }
  return text.slice(0, start) + change(text.slice(start, end)) + text.slice(end);
}

function word(name, then) {
  return new RegExp(`(?<![\\w.$])${name}${then}`, 'g');
}
