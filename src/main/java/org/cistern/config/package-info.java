/** Configuration: durations, sizes and live values, and the environment as a source of properties. */
@NullMarked
package org.cistern.config;

import org.jspecify.annotations.NullMarked;
