/** A seat of a class, as the setting `seats` names it. */
export interface SeatName {
  /** Its part of a namespace's name: a DNS label. */
  name: string;
  /** What was written, where that is another text: `김민수` for `gimminsu`. */
  student?: string;
}

/** How the Revised Romanization writes the first consonant, the vowel and the last consonant of a syllable of Hangul. */
const initials = "g kk n d tt r m b pp s ss  j jj ch k t p h".split(" ");
const vowels = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ");
const finals = " k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ");

/** Syllable by syllable, and not by how it sounds: the same text becomes the same name, wherever it stands. */
const romanized = (text: string) =>
  text.normalize("NFC").replace(/[가-힣]/g, (syllable) => {
    const index = syllable.charCodeAt(0) - 0xac00;
    return `${initials[Math.floor(index / 588)]}${vowels[Math.floor((index % 588) / 28)]}${finals[index % 28]}`;
  });

/**
 * A text as a DNS label, where there is one way to write it so: Hangul in Latin letters, accents left out, and hyphens
 * for spaces, dots and underscores.
 */
export function seatName(text: string): SeatName | undefined {
  const name = romanized(text)
    .normalize("NFKD")
    .replace(/[\u0300-\u036f'’]/g, "")
    .trim()
    .toLowerCase()
    .replace(/[\s._]+/g, "-");
  if (!/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) return undefined;
  return name === text ? { name } : { name, student: text };
}

/** The seats of a class whose students are not named: 01, 02 and so on. */
export const numberedSeats = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => String(i + 1).padStart(2, "0"));
