/** What is wrong in route files and properties, said before anything runs: by {@code check} and by each start. */
@NullMarked
package org.cistern.check;

import org.jspecify.annotations.NullMarked;
