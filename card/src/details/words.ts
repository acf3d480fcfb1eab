/** The words of the page "Details", in the language of the card; English where that lacks one. */
import en from '../translations/details/en.ts';

export type DetailsKey = keyof typeof en;
/** One language: a file in translations/details/. */
export type DetailsWords = Partial<Record<DetailsKey, string>>;

export class Words {
  /** For numbers, too. */
  readonly language: string;
  readonly #words: DetailsWords;

  constructor(language: string, words: DetailsWords = {}) {
    this.language = language;
    this.#words = words;
  }

  readonly say = (key: DetailsKey, values: Readonly<Record<string, string>> = {}): string =>
    (this.#words[key] ?? en[key]).replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);

  readonly count = (value: number): string => new Intl.NumberFormat(this.language).format(value);

  /** Browsers measure round trips in whole milliseconds, and tell nought of what took less. */
  readonly ms = (value: number): string =>
    value < 1 ? `< ${this.#withUnit(1, 'millisecond', 0)}` : this.#withUnit(value, 'millisecond', value < 10 ? 1 : 0);

  readonly kbps = (value: number): string => this.#withUnit(value, 'kilobit-per-second', 0);

  /** 0 to 1. */
  readonly share = (value: number): string =>
    new Intl.NumberFormat(this.language, { style: 'percent', maximumFractionDigits: 1 }).format(value);

  #withUnit(value: number, unit: string, maximumFractionDigits: number): string {
    return new Intl.NumberFormat(this.language, { style: 'unit', unit, maximumFractionDigits }).format(value);
  }
}

/** English alone when the language's file cannot be had. */
export async function loadWords(language: string, load: (file: string) => Promise<unknown>): Promise<Words> {
  if (language === 'en') return new Words(language);
  const module = await load(`./translations/details-${language}.js`).catch(() => null);
  return new Words(language, (module as { default?: DetailsWords } | null)?.default);
}
