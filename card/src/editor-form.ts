/**
 * Home Assistant's visual editor of the card: a form that it draws with its own elements, and the words in it. A module of
 * its own beside the bundle, fetched when somebody sets a card up.
 */
import { AUTO_LISTEN, MAX_TALK_SECONDS, MICROPHONE_POLICIES, MODES, TALK_MODES, WAKE_LOCK } from './config.ts';
import type editorEn from './translations/editor/en.ts';

type Words = typeof editorEn;

/** One language: a file in translations/editor/. */
export type EditorWords = {
  [Part in keyof Words]: Words[Part] extends string ? string : Partial<Record<keyof Words[Part], string>>;
};

interface Field {
  name: string;
  selector: Record<string, unknown>;
  /** What is there without the key; shown, never written. */
  default?: unknown;
}

interface Group {
  name: string;
  type: 'expandable' | 'grid';
  /** Its fields belong to the config, not to an object in it; so do those of a group without a name. */
  flatten?: true;
  title?: string;
  schema: FormItem[];
}

export type FormItem = Field | Group;

/** See `LovelaceConfigForm` in Home Assistant's frontend. */
export interface ConfigForm {
  schema: FormItem[];
  computeLabel: (item: { name: string }) => string;
  computeHelper: (item: { name: string }) => string | undefined;
  /** Throws for a config that the form cannot show; its sentence stands above the YAML. */
  assertConfig: (config: Record<string, unknown>) => void;
}

const NO_WORDS: EditorWords = { default: 'default', labels: {}, helpers: {}, options: {} };

/** In this language, else in English; with the bare keys when no words can be had. */
export async function editorForm(language: string, load: (file: string) => Promise<unknown>): Promise<ConfigForm> {
  const words = (await wordsOf(load, language)) ?? (await wordsOf(load, 'en')) ?? NO_WORDS;
  const labelOf = (name: string): string => words.labels[name as keyof Words['labels']] ?? plainName(name);
  return {
    schema: schemaOf(words, labelOf),
    computeLabel: ({ name }) => labelOf(name),
    computeHelper: ({ name }) => words.helpers[name as keyof Words['helpers']],
    assertConfig: (config) => {
      const strange = Object.entries(config).find(
        ([key, value]) => isField(key) && key !== 'speakers' && typeof value === 'object' && value !== null,
      );
      if (strange) throw new Error(`"${strange[0]}" holds several values here, which only the code editor can show.`);
    },
  };
}

async function wordsOf(load: (file: string) => Promise<unknown>, language: string): Promise<EditorWords | null> {
  try {
    const { default: words } = (await load(`./translations/editor-${language}.js`)) as {
      default?: Partial<EditorWords>;
    };
    return { ...NO_WORDS, ...words };
  } catch {
    return null;
  }
}

function schemaOf({ options, default: usual }: EditorWords, labelOf: (name: string) => string): FormItem[] {
  const choice = (name: string, values: readonly string[], first: string, more = {}): Field => ({
    name,
    selector: {
      select: {
        mode: 'dropdown',
        options: values.map((value) => {
          const label = options[`${name}.${value}` as keyof Words['options']] ?? plainName(value);
          return { value, label: value === first ? `${label} (${usual})` : label };
        }),
        ...more,
      },
    },
    default: first,
  });
  const text = (name: string, type = 'text'): Field => ({ name, selector: { text: { type } } });
  const flag = (name: string, otherwise: boolean): Field => ({ name, selector: { boolean: {} }, default: otherwise });
  const group = (name: string, schema: FormItem[]): Group => ({
    name,
    type: 'expandable',
    flatten: true,
    title: labelOf(name),
    schema,
  });
  return [
    choice('mode', MODES, 'intercom'),
    choice('listen', ['latest', 'all'], 'latest', { custom_value: true }),
    { name: '', type: 'grid', schema: [text('name'), text('title')] },
    group('talking', [
      choice('talk', TALK_MODES, 'both'),
      choice('microphone', MICROPHONE_POLICIES, 'press'),
      {
        name: 'max_talk_seconds',
        selector: { number: { min: 0, max: MAX_TALK_SECONDS.to, mode: 'box', unit_of_measurement: 's' } },
        default: 300,
      },
      flag('sounds', true),
      flag('always_on', false),
    ]),
    group('listening', [
      choice('auto_listen', Object.keys(AUTO_LISTEN), 'visible'),
      flag('chime', false),
      choice('wake_lock', Object.keys(WAKE_LOCK), 'talking'),
    ]),
    group('announcing', [
      { name: 'speakers', selector: { entity: { domain: 'media_player', multiple: true } } },
      { name: 'announce_volume', selector: { number: { min: 0, max: 1, step: 0.05, mode: 'slider' } } },
      text('announce_chime'),
    ]),
    group('server', [text('url', 'url'), text('token', 'password'), text('app')]),
  ];
}

/** Names of all fields, those in groups too. */
export function fieldsOf(schema: readonly FormItem[]): string[] {
  return schema.flatMap((item) => ('schema' in item ? fieldsOf(item.schema) : [item.name]));
}

function isField(key: string): boolean {
  return fieldsOf(schemaOf(NO_WORDS, plainName)).includes(key);
}

/** "max_talk_seconds" -> "Max talk seconds". */
function plainName(key: string): string {
  const words = key.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
