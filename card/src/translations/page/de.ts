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
  'host.option': 'Die URLs nennen {address}, wie es die Option announced_address sagt.',
  'host.bound': 'Die URLs nennen {address}, die einzige Adresse, an der der Server lauscht (HOST).',
  'host.supervisor': 'Die URLs nennen {address}, die Adresse der Haupt-Netzwerkverbindung dieses Home Assistant.',
  'host.core': 'Die URLs nennen {address}, die Adresse des Standard-Netzwerkadapters von Home Assistant.',
  'host.interfaces': 'Die URLs nennen {address}, die erste Netzwerkadresse des Servers.',
  'host.change':
    'Lautsprecher erreichen sie nicht? Nenne eine, die sie erreichen, in der Option „Adresse in den MP3- und WAV-Adressen“ (announced_address).',
  rotate: 'Neuer Schlüssel',
  'rotate.label': 'Neuer Schlüssel für {name}',
  'rotate.all': 'Neue Schlüssel für alle URLs',
  'rotate.title': 'Diese URLs unbrauchbar machen?',
  'rotate.dead':
    'Sie gehen sofort nicht mehr, und Lautsprecher, die sie abspielen, verstummen. Automationen brauchen die neuen.',
  'rotate.dead.all':
    'Alle bisher herausgegebenen URLs gehen sofort nicht mehr, auch die von Geräten, die gerade weg sind, und Lautsprecher, die sie abspielen, verstummen. Automationen brauchen die neuen.',
  'rotate.yes': 'Neue Schlüssel machen',
  'rotate.no': 'Behalten',
  'rotate.done': 'Neue Schlüssel sind da. Die URLs oben sind die neuen.',
  'rotate.failed': 'Das ging nicht: {reason}',
  doctor: 'Ist alles in Ordnung?',
  'doctor.ok': 'In Ordnung',
  'doctor.warning': 'Bitte ansehen',
  'doctor.failed': 'Nicht in Ordnung',
  'doctor.off': 'Nicht benutzt',
  'doctor.waiting': 'Noch nicht bekannt',
  'https.label': 'Sichere Seite (https)',
  'https.failed':
    'Browser geben das Mikrofon nur an https-Seiten. Öffne Home Assistant mit https und komm dann wieder.',
  'microphone.label': 'Mikrofon',
  'microphone.failed':
    'Es ist für diese Seite gesperrt. Erlaube es in den Website-Einstellungen des Browsers und lade die Seite neu.',
  'microphone.none': 'Der Browser sieht an diesem Gerät keines. Schließe eines an.',
  'microphone.waiting': 'Drücke die Taste einmal; dann fragt der Browser, ob er darf.',
  'connection.label': 'Verbindung zum Server',
  'connection.failed': 'Läuft das Add-on? Es wird von selbst weiter versucht.',
  'udp.label': 'Weg des Tons (UDP)',
  'udp.failed':
    'Eine Firewall, ein VPN oder ein Gastnetz sperrt UDP zwischen diesem Gerät und dem Server. Öffne es dort.',
  'udp.waiting': 'Er öffnet sich mit der Karte oben, in einigen Sekunden.',
  'clock.label': 'Uhr dieses Geräts',
  'clock.warning':
    'Sie weicht um {seconds} Sekunden von der des Servers ab. Lass dieses Gerät seine Uhr selbst stellen.',
  'clock.waiting': 'Der Server hat seine Zeit nicht genannt.',
  'webrtc.label': 'WebRTC des Servers',
  'webrtc.failed': 'Sieh dir die Option „UDP-Ports für die Stimme“ (udp_ports) an und starte dann das Add-on neu.',
  'media.label': 'Server für Lautsprecher',
  'media.failed': 'Gib ihm einen freien Port in den Netzwerkeinstellungen des Add-ons.',
  'certificate.label': 'Zertifikat der Seite (https)',
  'certificate.failed':
    'Lege die richtigen Dateien in den Ordner ssl, oder schalte die Option „https verwenden“ aus. Sie werden jede Minute angesehen.',
  'certificate.warning':
    'Sorge dafür, dass es erneuert wird, etwa durch das Add-on Let’s Encrypt. Das neue wird von selbst übernommen.',
  'supervisor.label': 'Supervisor',
  'supervisor.failed': 'Er wird von selbst wieder gefragt. Bleibt es so, starte das Add-on neu.',
  'core.label': 'Home Assistant',
  'core.failed':
    'Vielleicht startet es gerade neu: Es wird von selbst wieder gefragt. Bleibt es so, starte das Add-on neu.',
  'ingress.label': 'Zugang über Home Assistant',
  'ingress.failed': 'Es wird von selbst weiter versucht. Bleibt es so, starte das Add-on neu.',
  'files.label': 'Dateien der Karte',
  'files.failed':
    'Schaffe Platz auf dem Datenträger und sorge dafür, dass der Ordner www von Home Assistant beschreibbar ist.',
  'served.label': 'Karte für die Browser',
  'served.warning': 'Starte Home Assistant einmal neu.',
  'resource.label': 'Karte in den Dashboards',
  'resource.warning': 'Trage die Ressource in YAML ein, wie hier gesagt.',
  'resource.failed': 'Es wird von selbst weiter versucht. Bleibt es so, starte Home Assistant neu.',
  'mqtt.label': 'MQTT',
  'mqtt.failed': 'Läuft der Broker? Es wird von selbst weiter versucht.',
  'mqtt.off':
    'Entitäten für Automationen brauchen einen Broker, etwa das Add-on Mosquitto. Sprechen und Hören brauchen keinen.',
  report: 'Bericht kopieren',
  'report.hint': 'Was man zum Helfen wissen muss, als Text für ein Forum: keine Schlüssel, keine Rechnernamen.',
  'report.failed': 'Der Browser lässt diese Seite nicht kopieren. Markiere den Text und kopiere ihn von Hand.',
  diagnostics: 'Diagnose herunterladen',
  'diagnostics.hint':
    'Für einen Fehlerbericht: eine Datei mit Versionen, Einstellungen, Zahlen, Streams, Lautsprechern und den letzten Zeilen des Protokolls. Ohne Schlüssel, ohne Passwörter und ohne, wer wen gehört hat.',
};

export default de;
