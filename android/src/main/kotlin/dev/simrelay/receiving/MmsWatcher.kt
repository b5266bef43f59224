package dev.simrelay.receiving

import android.database.ContentObserver
import android.os.Handler
import android.os.Looper
import android.provider.Telephony.MmsSms
import android.util.Log
import dev.simrelay.App
import dev.simrelay.TAG
import java.util.concurrent.Future

/** Looks for downloaded MMS whenever the provider changes, while the service runs. */
class MmsWatcher(private val app: App) : ContentObserver(Handler(Looper.getMainLooper())) {
    private var again: Future<*>? = null
    private var watching = false

    @Volatile
    private var ended = false

    /** Not on the main thread. Again is harmless. */
    fun begin() {
        watch()
        look()
    }

    fun end() {
        unwatch()
        app.workers.control("the end of the MMS") { again?.cancel(false) }
    }

    /** The platform throws where there is no such provider, as on a device without telephony. */
    @Synchronized
    private fun watch() {
        if (watching || ended) return
        try {
            app.contentResolver.registerContentObserver(MmsSms.CONTENT_URI, true, this)
            watching = true
        } catch (error: SecurityException) {
            Log.w(TAG, "the phone's MMS cannot be watched", error)
        }
    }

    @Synchronized
    private fun unwatch() {
        ended = true
        if (watching) app.contentResolver.unregisterContentObserver(this)
    }

    override fun onChange(selfChange: Boolean) = app.workers.control("the MMS", ::look)

    private fun look() {
        if (ended) return
        again?.cancel(false)
        val wait = app.mms.tellWhole()
        if (wait != null) {
            // The phone would fall asleep over the parts that are still to come.
            app.wakeLock.handOver()
            again = app.workers.after(wait) { app.workers.control("the MMS", ::look) }
        }
    }
}
