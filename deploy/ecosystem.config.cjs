// Payment Service under PM2, beside Node apps, as the user that these run as:
//     make install PREFIX=$HOME/payment-service
//     pm2 start deploy/ecosystem.config.cjs && pm2 save
// The port is closed while it restarts, for some two seconds; systemd keeps it open.

const folder = `${process.env.HOME}/payment-service`;

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
      env: {
        PAYMENT_SERVICE_BASE_URL: "https://bayar.example.com",
        PAYMENT_SERVICE_PRIVATE_TARGETS: "127.0.0.1:3000", // your apps on this machine
      },
    },
  ],
};
