package dev.simrelay.device

import android.os.Build
import dev.simrelay.App
import dev.simrelay.running.BootCount
import org.json.JSONArray
import org.json.JSONObject
import java.util.TimeZone

/** The phone as the core is told of it. Reading all of it takes a few calls to other processes. */
class DeviceFacts(private val app: App) {
    val sims = SimFacts(app)
    val battery = BatteryFacts(app)
    val network = NetworkFacts(app)
    val warnings = Warnings(app)

    /** Everything, for the opening. */
    fun json(): JSONObject = zone()
        .putOpt("boot", BootCount.now(app)?.toString())
        .put("name", "${Build.MANUFACTURER}/${Build.PRODUCT}")
        .put("sims", sims.json())
        .put("battery", battery.read().json())
        .put("network", network.read().json())
        .put("warnings", warnings.json())

    fun zone(): JSONObject = JSONObject().put("zone", TimeZone.getDefault().id)

    fun sims(): JSONObject = JSONObject().put("sims", sims.json())

    /** What the owner may have changed since the opening: looked at again at every start. */
    fun checkedAgain(): JSONObject = zone()
        .put("sims", sims.json())
        .put("battery", battery.read().json())
        .put("warnings", warnings.json())

    fun warnings(): JSONObject = JSONObject().put("warnings", warnings.json())
}

internal fun array(items: List<JSONObject>): JSONArray = JSONArray().apply { items.forEach(::put) }
