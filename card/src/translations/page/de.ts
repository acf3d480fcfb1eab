/** German, with the "du" of Home Assistant: the page. */
import type { PageWords } from '../../page-texts.ts';

const de: PageWords = {
  name: 'Dieses Gerät heißt',
  urls: 'Auf einem Lautsprecher wiedergeben',
  'urls.hint':
    'Alles, was eine URL abspielt, kann mithören. Wer so eine URL hat, hört mit: Behandle sie wie einen Schlüssel.',
  'urls.latest': 'Wer gerade spricht',
  'urls.forbidden': 'Nur Administratoren sehen die URLs für Lautsprecher.',
  'urls.more': 'Nur ein Gerät',
  copy: 'Kopieren',
  'copy.label': '{format}-URL von {name} kopieren',
  token: 'Zugriffstoken',
  'token.hint': 'Es steht in secrets.json im Datenverzeichnis des Servers; wo das ist, sagt der Server beim Start.',
  'token.submit': 'Weiter',
  version: 'Voice Streaming {version}',
};

export default de;
