/** Real certificates, made on the spot, as the files that a renewal program leaves. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Pem {
  cert: string;
  key: string;
}

const DAY_MS = 24 * 3_600_000;

/** For localhost and 127.0.0.1, its own authority; `days` from now, negative ones are over. */
export async function makeCertificate(days = 90): Promise<Pem> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 100 * DAY_MS),
    notAfterDate: new Date(Date.now() + days * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { cert, key };
}

/** A folder like /ssl. */
export class CertificateFolder {
  readonly path: string;
  readonly certFile: string;
  readonly keyFile: string;

  private constructor(path: string) {
    this.path = path;
    this.certFile = join(path, 'fullchain.pem');
    this.keyFile = join(path, 'privkey.pem');
  }

  static async create(): Promise<CertificateFolder> {
    return new CertificateFolder(await mkdtemp(join(tmpdir(), 'ssl-')));
  }

  async put({ cert, key }: Pem): Promise<void> {
    await writeFile(this.certFile, cert);
    await writeFile(this.keyFile, key);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
