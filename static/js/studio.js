// What every page does beyond HTML. Each module looks for its own marks in the page; without JavaScript pages still work.

import "./flash.js";
import "./theme.js";
import "./moments.js";
import "./copy.js";
