/** Where entries live: what is kept and the first level that keeps it. Knows nothing of Camel. */
@NullMarked
package org.cistern.store;

import org.jspecify.annotations.NullMarked;
