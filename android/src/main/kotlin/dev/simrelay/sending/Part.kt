package dev.simrelay.sending

import android.net.Uri

/** One part of a message for one recipient, and its address: what tells the intents of all parts apart. */
data class Part(
    val messageId: String,
    /** From 0, as in the message. */
    val recipient: Int,
    /** From 0. */
    val number: Int,
    /** How many parts there are. */
    val of: Int,
    /** The SIM that sends it; 0: unknown. */
    val simNumber: Int,
) {
    fun address(): Uri = Uri.Builder().scheme(SCHEME).authority(AUTHORITY)
        .appendPath(messageId).appendPath("$recipient").appendPath("$number").appendPath("$of")
        .appendQueryParameter(SIM, "$simNumber").build()

    companion object {
        private const val SCHEME = "simrelay"
        private const val AUTHORITY = "part"
        private const val SIM = "sim"

        /** The part of that address; null if it is none. */
        fun at(address: String): Part? {
            val uri = Uri.parse(address)
            if (uri.scheme != SCHEME || uri.authority != AUTHORITY || uri.pathSegments.size != 4) return null
            val numbers = uri.pathSegments.drop(1).map { it.toIntOrNull() ?: return null }
            val sim = uri.getQueryParameter(SIM)?.toIntOrNull() ?: return null
            return Part(uri.pathSegments[0], numbers[0], numbers[1], numbers[2], sim)
        }
    }
}
