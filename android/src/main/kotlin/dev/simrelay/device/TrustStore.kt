package dev.simrelay.device

import android.util.Log
import dev.simrelay.TAG
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.KeyStore

/**
 * The certificates that the phone trusts, its maker's and the owner's. Reading them takes a good part
 * of a second, so it is done when delivering starts, never in a broadcast.
 */
object TrustStore {
    /** DER. Empty if the phone does not say: then `https` fails with its reason, and receiving goes on. */
    fun read(): Array<ByteArray> = try {
        val store = KeyStore.getInstance("AndroidCAStore").apply { load(null) }
        store.aliases().asSequence().mapNotNull { store.getCertificate(it)?.encoded }.toList().toTypedArray()
    } catch (error: GeneralSecurityException) {
        none(error)
    } catch (error: IOException) {
        none(error)
    }

    private fun none(error: Exception): Array<ByteArray> {
        Log.e(TAG, "the phone's trusted certificates cannot be read", error)
        return emptyArray()
    }
}
