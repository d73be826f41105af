// Entry of `npm start`: API, workers and, without REDIS_URL, a private Redis, in one terminal.
import { fileURLToPath } from 'node:url';
import { loadConfig, readHost } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { exitCodes, explainStartFailure } from '../shared/start-error.ts';
import { runFleet } from './fleet.ts';

const built = (name: string): readonly string[] => [fileURLToPath(new URL(name, import.meta.url))];

try {
  const config = loadConfig();
  await runFleet({
    config,
    host: readHost(),
    scripts: { api: built('../api/main.js'), worker: built('../worker/main.js') },
    logger: createLogger('up', config.logLevel),
    exit: (code) => process.exit(code),
    print: (text) => void process.stdout.write(text),
  });
} catch (error) {
  process.stderr.write(`${explainStartFailure(error).text}\n`);
  process.exit(exitCodes.failed);
}
