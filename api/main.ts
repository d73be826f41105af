// Starts an API process and ends it in order.
import { loadConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { shutDownOnSignal } from '../shared/shutdown.ts';
import { explainStartFailure } from '../shared/start-error.ts';
import { announcePort } from '../shared/supervised.ts';
import { createApiService } from './service.ts';

try {
  const config = loadConfig();
  const logger = createLogger('api', config.logLevel);
  const service = createApiService(config, logger);
  const port = await service.start();
  logger.info({ host: config.api.host, port }, 'listening');
  announcePort(port);
  shutDownOnSignal({
    logger,
    graceMs: config.graceMs,
    exit: (code) => process.exit(code),
    steps: [{ name: 'api', stop: (withinMs) => service.stop(withinMs) }],
  });
} catch (error) {
  const { text, exitCode } = explainStartFailure(error);
  process.stderr.write(`${text}\n`);
  process.exit(exitCode);
}
