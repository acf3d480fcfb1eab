/** Dutch: the page. */
import type { PageWords } from '../../page-texts.ts';

const nl: PageWords = {
  name: 'Dit apparaat heet',
  urls: 'Afspelen op een luidspreker',
  'urls.hint':
    'Alles wat een URL afspeelt kan meeluisteren. Wie de URL heeft, hoort mee: behandel hem als een sleutel.',
  'urls.latest': 'Wie er praat',
  'urls.forbidden': 'Alleen beheerders zien de URL’s voor luidsprekers.',
  'urls.more': 'Slechts één apparaat',
  copy: 'Kopiëren',
  'copy.label': '{format}-URL van {name} kopiëren',
  token: 'Toegangstoken',
  'token.hint': 'Het staat in secrets.json in de gegevensmap van de server; die zegt bij het starten waar dat is.',
  'token.submit': 'Verder',
  version: 'Voice Streaming {version}',
};

export default nl;
