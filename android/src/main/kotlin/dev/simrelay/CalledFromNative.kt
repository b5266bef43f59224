package dev.simrelay

/**
 * Marks what the Rust library calls by name. `proguard.pro` keeps it, and a test looks for it in the
 * final dex: nothing in Kotlin calls these methods, so shrinking would take them for dead.
 */
@Target(AnnotationTarget.FUNCTION)
@Retention(AnnotationRetention.BINARY)
annotation class CalledFromNative
