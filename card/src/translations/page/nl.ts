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
  'host.option': 'De URL’s noemen {address}, zoals de optie announced_address zegt.',
  'host.bound': 'De URL’s noemen {address}, het enige adres waarop de server luistert (HOST).',
  'host.supervisor': 'De URL’s noemen {address}, het adres van de hoofdnetwerkverbinding van deze Home Assistant.',
  'host.core': 'De URL’s noemen {address}, het adres van de standaard netwerkadapter van Home Assistant.',
  'host.interfaces': 'De URL’s noemen {address}, het eerste netwerkadres van de server.',
  'host.change':
    'Kunnen luidsprekers het niet bereiken? Noem er een die ze wel bereiken in de optie “Adres in de MP3- en WAV-adressen” (announced_address).',
  rotate: 'Nieuwe sleutel',
  'rotate.label': 'Nieuwe sleutel voor {name}',
  'rotate.all': 'Nieuwe sleutels voor alle URL’s',
  'rotate.title': 'Deze URL’s onbruikbaar maken?',
  'rotate.dead':
    'Ze werken meteen niet meer, en luidsprekers die ze afspelen vallen stil. Automatiseringen hebben de nieuwe nodig.',
  'rotate.dead.all':
    'Alle URL’s die tot nu toe zijn gegeven werken meteen niet meer, ook die van apparaten die weg zijn, en luidsprekers die ze afspelen vallen stil. Automatiseringen hebben de nieuwe nodig.',
  'rotate.yes': 'Nieuwe sleutels maken',
  'rotate.no': 'Behouden',
  'rotate.done': 'Nieuwe sleutels gemaakt. De URL’s hierboven zijn de nieuwe.',
  'rotate.failed': 'Dat lukte niet: {reason}',
  doctor: 'Is alles in orde?',
  'doctor.ok': 'In orde',
  'doctor.warning': 'Kijk hier even',
  'doctor.failed': 'Niet in orde',
  'doctor.off': 'Niet gebruikt',
  'doctor.waiting': 'Nog niet bekend',
  'https.label': 'Beveiligde pagina (https)',
  'https.failed':
    'Browsers geven de microfoon alleen aan https-pagina’s. Open Home Assistant met https en kom dan terug.',
  'microphone.label': 'Microfoon',
  'microphone.failed':
    'Hij is geblokkeerd voor deze pagina. Sta hem toe in de site-instellingen van de browser en herlaad de pagina.',
  'microphone.none': 'De browser ziet er geen op dit apparaat. Sluit er een aan.',
  'microphone.waiting': 'Druk één keer op de knop; de browser vraagt dan of het mag.',
  'connection.label': 'Verbinding met de server',
  'connection.failed': 'Draait de add-on? Probeert het vanzelf opnieuw.',
  'udp.label': 'Weg van het geluid (UDP)',
  'udp.failed':
    'Een firewall, een VPN of een gastnetwerk blokkeert UDP tussen dit apparaat en de server. Open het daar.',
  'udp.waiting': 'Die opent met de kaart hierboven, binnen enkele seconden.',
  'clock.label': 'Klok van dit apparaat',
  'clock.warning':
    'Die wijkt {seconds} seconden af van die van de server. Laat dit apparaat zijn klok zelf gelijkzetten.',
  'clock.waiting': 'De server heeft zijn tijd niet gezegd.',
  'webrtc.label': 'WebRTC van de server',
  'webrtc.failed': 'Kijk naar de optie “UDP-poorten voor de stem” (udp_ports) en herstart dan de add-on.',
  'media.label': 'Server voor luidsprekers',
  'media.failed': 'Geef hem een vrije poort in de netwerkinstellingen van de add-on.',
  'certificate.label': 'Certificaat van de pagina (https)',
  'certificate.failed':
    'Zet de juiste bestanden in de map ssl, of zet de optie “https gebruiken” uit. Er wordt elke minuut naar gekeken.',
  'certificate.warning':
    'Zorg dat het vernieuwd wordt, bijvoorbeeld door de add-on Let’s Encrypt. Het nieuwe wordt vanzelf gebruikt.',
  'supervisor.label': 'Supervisor',
  'supervisor.failed': 'Hij wordt vanzelf opnieuw gevraagd. Blijft het zo, herstart dan de add-on.',
  'core.label': 'Home Assistant',
  'core.failed':
    'Misschien herstart het net: het wordt vanzelf opnieuw gevraagd. Blijft het zo, herstart dan de add-on.',
  'ingress.label': 'Toegang via Home Assistant',
  'ingress.failed': 'Probeert het vanzelf opnieuw. Blijft het zo, herstart dan de add-on.',
  'files.label': 'Bestanden van de kaart',
  'files.failed': 'Maak ruimte op de schijf en zorg dat de map www van Home Assistant beschrijfbaar is.',
  'served.label': 'Kaart voor de browsers',
  'served.warning': 'Herstart Home Assistant één keer.',
  'resource.label': 'Kaart in de dashboards',
  'resource.warning': 'Voeg de bron toe in YAML zoals hier staat.',
  'resource.failed': 'Probeert het vanzelf opnieuw. Blijft het zo, herstart dan Home Assistant.',
  'mqtt.label': 'MQTT',
  'mqtt.failed': 'Draait de broker? Probeert het vanzelf opnieuw.',
  'mqtt.off':
    'Entiteiten voor automatiseringen hebben een broker nodig, zoals de add-on Mosquitto. Praten en horen niet.',
  report: 'Rapport kopiëren',
  'report.hint': 'Wat iemand moet weten om te helpen, als tekst voor een forum: geen sleutels, geen hostnamen.',
  'report.failed': 'De browser laat deze pagina niet kopiëren. Selecteer de tekst en kopieer hem met de hand.',
  diagnostics: 'Diagnose downloaden',
  'diagnostics.hint':
    'Voor een foutmelding: één bestand met versies, instellingen, aantallen, streams, luidsprekers en de laatste regels van het logboek. Zonder sleutels, zonder wachtwoorden en zonder wie wie heeft gehoord.',
};

export default nl;
