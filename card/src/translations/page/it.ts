/** Italian: the page. */
import type { PageWords } from '../../page-texts.ts';

const it: PageWords = {
  name: 'Questo dispositivo si chiama',
  urls: 'Riproduci su un altoparlante',
  'urls.hint': 'Tutto ciò che riproduce un URL può ascoltare. Chi ha l’URL sente: trattalo come una chiave.',
  'urls.latest': 'Chi parla',
  'urls.forbidden': 'Solo gli amministratori vedono gli URL per gli altoparlanti.',
  'urls.more': 'Un solo dispositivo',
  copy: 'Copia',
  'copy.label': 'Copia l’URL {format} di {name}',
  token: 'Token di accesso',
  'token.hint': 'È in secrets.json, nella cartella dati del server; il server dice all’avvio dove si trova.',
  'token.submit': 'Invia',
  version: 'Voice Streaming {version}',
};

export default it;
