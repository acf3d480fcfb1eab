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
  'host.option': 'Les URL indiquent {address}, comme le dit l’option announced_address.',
  'host.bound': 'Les URL indiquent {address}, la seule adresse où le serveur écoute (HOST).',
  'host.supervisor': 'Les URL indiquent {address}, l’adresse de la connexion réseau principale de ce Home Assistant.',
  'host.core': 'Les URL indiquent {address}, l’adresse de la carte réseau par défaut de Home Assistant.',
  'host.interfaces': 'Les URL indiquent {address}, la première adresse réseau du serveur.',
  'host.change':
    'Les haut-parleurs ne l’atteignent pas ? Indiquez-en une qu’ils atteignent dans l’option « Adresse dans les adresses MP3 et WAV » (announced_address).',
  rotate: 'Nouvelle clé',
  'rotate.label': 'Nouvelle clé pour {name}',
  'rotate.all': 'Nouvelles clés pour toutes les URL',
  'rotate.title': 'Rendre ces URL inutilisables ?',
  'rotate.dead':
    'Elles cessent aussitôt de fonctionner, et les haut-parleurs qui les lisent sont coupés. Les automatisations ont besoin des nouvelles.',
  'rotate.dead.all':
    'Toutes les URL données jusqu’ici cessent aussitôt de fonctionner, y compris celles des appareils absents, et les haut-parleurs qui les lisent sont coupés. Les automatisations ont besoin des nouvelles.',
  'rotate.yes': 'Créer de nouvelles clés',
  'rotate.no': 'Les garder',
  'rotate.done': 'Nouvelles clés créées. Les URL ci-dessus sont les nouvelles.',
  'rotate.failed': 'Cela n’a pas marché : {reason}',
  doctor: 'Tout va bien ?',
  'doctor.ok': 'OK',
  'doctor.warning': 'À vérifier',
  'doctor.failed': 'Problème',
  'doctor.off': 'Non utilisé',
  'doctor.waiting': 'Pas encore connu',
  'https.label': 'Page sécurisée (https)',
  'https.failed':
    'Les navigateurs ne donnent le micro qu’aux pages https. Ouvrez Home Assistant en https, puis revenez.',
  'microphone.label': 'Micro',
  'microphone.failed':
    'Il est bloqué pour cette page. Autorisez-le dans les paramètres du site, puis rechargez la page.',
  'microphone.none': 'Le navigateur n’en voit aucun sur cet appareil. Branchez-en un.',
  'microphone.waiting': 'Appuyez une fois sur le bouton ; le navigateur demande alors l’autorisation.',
  'connection.label': 'Connexion au serveur',
  'connection.failed': 'Le module est-il démarré ? Nouvel essai automatique.',
  'udp.label': 'Chemin du son (UDP)',
  'udp.failed':
    'Un pare-feu, un VPN ou un réseau invité bloque l’UDP entre cet appareil et le serveur. Ouvrez-le là-bas.',
  'udp.waiting': 'Il s’ouvre avec la carte ci-dessus, en quelques secondes.',
  'clock.label': 'Horloge de cet appareil',
  'clock.warning':
    'Elle diffère de {seconds} secondes de celle du serveur. Laissez cet appareil se mettre à l’heure tout seul.',
  'clock.waiting': 'Le serveur n’a pas donné son heure.',
  'webrtc.label': 'WebRTC du serveur',
  'webrtc.failed': 'Voyez l’option « Ports UDP pour la voix » (udp_ports), puis redémarrez le module.',
  'media.label': 'Serveur pour haut-parleurs',
  'media.failed': 'Donnez-lui un port libre dans les paramètres réseau du module.',
  'certificate.label': 'Certificat de la page (https)',
  'certificate.failed':
    'Mettez les bons fichiers dans le dossier ssl, ou désactivez l’option « Utiliser https ». Ils sont relus chaque minute.',
  'certificate.warning':
    'Veillez à ce qu’il soit renouvelé, par exemple par le module Let’s Encrypt. Le nouveau est pris automatiquement.',
  'supervisor.label': 'Supervisor',
  'supervisor.failed': 'Il est interrogé à nouveau automatiquement. Si cela persiste, redémarrez le module.',
  'core.label': 'Home Assistant',
  'core.failed':
    'Il redémarre peut-être : il est interrogé à nouveau automatiquement. Si cela persiste, redémarrez le module.',
  'ingress.label': 'Accès par Home Assistant',
  'ingress.failed': 'Nouvel essai automatique. Si cela persiste, redémarrez le module.',
  'files.label': 'Fichiers de la carte',
  'files.failed':
    'Libérez de la place sur le disque et vérifiez que le dossier www de Home Assistant est accessible en écriture.',
  'served.label': 'Carte servie aux navigateurs',
  'served.warning': 'Redémarrez Home Assistant une fois.',
  'resource.label': 'Carte dans les tableaux de bord',
  'resource.warning': 'Ajoutez la ressource en YAML comme indiqué ici.',
  'resource.failed': 'Nouvel essai automatique. Si cela persiste, redémarrez Home Assistant.',
  'mqtt.label': 'MQTT',
  'mqtt.failed': 'Le broker est-il démarré ? Nouvel essai automatique.',
  'mqtt.off':
    'Les entités pour les automatisations ont besoin d’un broker, comme le module Mosquitto. Parler et écouter, non.',
  report: 'Copier le rapport',
  'report.hint': 'Ce qu’il faut savoir pour aider, en texte pour un forum : ni clés, ni noms de machines.',
  'report.failed': 'Le navigateur ne laisse pas cette page copier. Sélectionnez le texte et copiez-le à la main.',
  diagnostics: 'Télécharger le diagnostic',
  'diagnostics.hint':
    'Pour signaler un problème : un fichier avec les versions, les réglages, les compteurs, les flux, les enceintes et les dernières lignes du journal. Sans clés, sans mots de passe, et sans qui a écouté qui.',
};

export default fr;
