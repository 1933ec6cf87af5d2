// Payment Service under PM2, beside Node apps, as the user that these run as:
//     make install PREFIX=$HOME/payment-service
//     install -m 600 deploy/payment-service.env deploy/own.env    # your settings go there
//     pm2 start deploy/ecosystem.config.cjs && pm2 save
// The port is closed while it restarts, for some two seconds; systemd keeps it open.

const { existsSync, readFileSync } = require("fs");

const folder = `${process.env.HOME}/payment-service`;
// Git does not track it, so that an upgrade can be pulled. Lines like NAME='value', as a shell reads.
const settings = `${__dirname}/own.env`;
if (!existsSync(settings)) {
  throw new Error(`${settings} is not there; copy payment-service.env there and edit it`);
}
const lines = readFileSync(settings, "utf8").matchAll(/^(\w+)=(['"]?)(.*)\2$/gm);

module.exports = {
  apps: [
    {
      name: "payment-service",
      script: `${folder}/bin/payment-service`,
      args: "serve",
      interpreter: "none",
      cwd: folder, // the database and the key file are in data/ there
      exec_mode: "fork", // one process: SQLite has one writer
      kill_timeout: 30000, // what is under way is finished within 25 s
      exp_backoff_restart_delay: 200,
      env: Object.fromEntries(Array.from(lines, ([, name, , text]) => [name, text])),
    },
  ],
};
