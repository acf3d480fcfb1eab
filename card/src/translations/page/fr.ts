/** French: the page. */
import type { PageWords } from '../../page-texts.ts';

const fr: PageWords = {
  name: 'Nom de cet appareil',
  urls: 'Écouter sur un haut-parleur',
  'urls.hint': 'Tout ce qui lit une URL peut écouter. Qui a l’URL entend : gardez-la comme une clé.',
  'urls.latest': 'Qui parle',
  'urls.forbidden': 'Seuls les administrateurs voient les URL des haut-parleurs.',
  'urls.more': 'Un seul appareil',
  copy: 'Copier',
  'copy.label': 'Copier l’URL {format} de {name}',
  token: 'Jeton d’accès',
  'token.hint':
    'Il se trouve dans secrets.json, dans le dossier de données du serveur ; celui-ci l’indique à son démarrage.',
  'token.submit': 'Valider',
  version: 'Voice Streaming {version}',
};

export default fr;
