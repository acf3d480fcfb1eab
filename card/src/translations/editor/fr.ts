/** French: the visual editor. */
import type { EditorWords } from '../../editor-form.ts';

const fr: EditorWords = {
  default: 'par défaut',
  labels: {
    mode: 'Rôle de la carte',
    listen: 'Écouter',
    name: 'Nom de cet appareil',
    title: 'Titre de la carte',
    talking: 'Parler',
    talk: 'Bouton pour parler',
    microphone: 'Le micro est ouvert',
    max_talk_seconds: 'Durée maximale',
    sounds: 'Sons au début et à la fin',
    always_on: 'Moniteur : écoute en permanence',
    listening: 'Écouter',
    auto_listen: 'Écouter de lui-même',
    chime: 'Carillon avant une voix',
    wake_lock: 'Garder l’écran allumé',
    server: 'Serveur',
    url: 'URL du serveur',
    token: 'Jeton d’accès',
    app: 'Slug du module',
  },
  helpers: {
    listen: 'Ou l’identifiant d’un appareil, par exemple kitchen-tablet.',
    name: 'Ce que voient les autres. Vide, chaque navigateur garde le sien.',
    max_talk_seconds: 'On est alors coupé. 0 : sans limite.',
    always_on:
      'Seulement avec « Parler seulement ». Qui écoute cet appareil par son identifiant est alerté s’il est perdu.',
    microphone: 'La carte signale un micro ouvert.',
    url: 'Seulement si le serveur n’est pas le module de ce Home Assistant.',
    token: 'Va avec l’URL. Qui peut modifier le tableau de bord peut le lire.',
    app: 'Trouvé tout seul. Seulement pour une carte enregistrée à la main.',
  },
  options: {
    'mode.intercom': 'Parler et écouter',
    'mode.sender': 'Parler seulement',
    'mode.receiver': 'Écouter seulement',
    'listen.latest': 'Qui parle',
    'listen.all': 'Tous à la fois',
    'talk.both': 'Maintenir, ou toucher pour rester à l’antenne',
    'talk.hold': 'Maintenir',
    'talk.latch': 'Toucher pour commencer et pour finir',
    'microphone.press': 'Pendant que vous parlez',
    'microphone.warm': 'Et 30 secondes de plus, pour répondre plus vite',
    'microphone.always': 'Tant que la carte est visible',
    'auto_listen.visible': 'Tant que la page est visible',
    'auto_listen.always': 'Toujours, même en arrière-plan',
    'auto_listen.never': 'Sur demande seulement',
    'wake_lock.talking': 'Pendant que vous parlez',
    'wake_lock.always': 'Aussi pendant l’écoute',
    'wake_lock.never': 'Jamais',
  },
};

export default fr;
