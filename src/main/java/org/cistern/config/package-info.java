/** Configuration: where it comes from, and how it is read, checked and kept live. */
@NullMarked
package org.cistern.config;

import org.jspecify.annotations.NullMarked;
