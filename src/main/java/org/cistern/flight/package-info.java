/** One load a key: callers that miss together wait for the same load. */
@NullMarked
package org.cistern.flight;

import org.jspecify.annotations.NullMarked;
