'use strict';
module.exports = require('./install.js');
