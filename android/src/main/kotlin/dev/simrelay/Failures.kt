package dev.simrelay

import android.util.Log

/** The tag of the shell in the system's log. */
const val TAG = "SimRelay"

/**
 * Logs what went wrong and where. An [Error] loses its text: it may be that of a panic in the library,
 * and that may quote a message.
 */
internal fun logFailure(what: String, error: Throwable) {
    val quotes = generateSequence(error) { it.cause }.any { it is Error }
    Log.e(TAG, what, if (quotes) WithoutText(error) else error)
}

/** What may be shown of it: a sentence, or where that may quote a message, the name of its class. */
internal fun reasonOf(error: Throwable): String =
    error.message.takeIf { error !is Error } ?: error.javaClass.simpleName

/** Class and stack of an error. */
private class WithoutText(error: Throwable) : Throwable() {
    private val name = error.javaClass.name

    init {
        stackTrace = error.stackTrace
    }

    override fun toString() = name
}
