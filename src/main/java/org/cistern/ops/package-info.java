/** What operators look at: health. */
@NullMarked
package org.cistern.ops;

import org.jspecify.annotations.NullMarked;
