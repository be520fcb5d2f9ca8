// The prices of the shop, for its other apps: they find it by API_SERVICE_HOST and API_SERVICE_PORT.
const { createServer } = require('node:http');

const prices = { apple: 30, pear: 45, quince: 120 };

createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ prices, dyno: process.env.DYNO }));
}).listen(process.env.PORT);
