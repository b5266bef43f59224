package dev.simrelay.device

import android.os.Build
import android.util.Log
import dev.simrelay.App
import dev.simrelay.TAG
import dev.simrelay.running.BootCount
import org.json.JSONArray
import org.json.JSONObject
import java.util.Locale
import java.util.TimeZone

/**
 * The phone as the core is told of it. Reading all of it takes a few calls to other processes, of which each
 * may fail by itself: what cannot be read is left out, and the core goes on with what it knows.
 */
class DeviceFacts(private val app: App) {
    val sims = SimFacts(app)
    val battery = BatteryFacts(app)
    val network = NetworkFacts(app)
    val warnings = Warnings(app)

    /** Everything, for the opening. */
    fun json(): JSONObject = checkedAgain()
        .fact("boot") { BootCount.now(app)?.toString() }
        .put("name", "${Build.MANUFACTURER}/${Build.PRODUCT}")
        .fact("network") { network.read().json() }

    fun zone(): JSONObject = JSONObject().put("zone", TimeZone.getDefault().id)

    fun sims(): JSONObject = JSONObject().fact("sims") { sims.json() }

    /** What the owner may have changed since the opening: looked at again at every start. */
    fun checkedAgain(): JSONObject = zone()
        .put("locale", Locale.getDefault().toLanguageTag())
        .fact("sims") { sims.json() }
        .fact("battery") { battery.read().json() }
        .fact("warnings") { warnings.json() }

    private fun JSONObject.fact(name: String, read: () -> Any?): JSONObject = try {
        putOpt(name, read())
    } catch (error: RuntimeException) {
        Log.w(TAG, "the phone does not tell its $name", error)
        this
    }
}

internal fun array(items: List<JSONObject>): JSONArray = JSONArray().apply { items.forEach(::put) }
