package dev.simrelay.device

import android.content.Context
import android.content.Intent
import android.content.Intent.ACTION_BATTERY_CHANGED
import android.content.IntentFilter
import android.os.BatteryManager
import org.json.JSONObject

/** How the phone is powered. The platform keeps the latest broadcast about it, so that reading needs no receiver. */
class BatteryFacts(private val context: Context) {
    data class Battery(val level: Int, val charging: String) {
        fun json(): JSONObject = JSONObject().put("level", level).put("charging", charging)
    }

    fun read(): Battery = of(context.registerReceiver(null, IntentFilter(ACTION_BATTERY_CHANGED)))

    companion object {
        /** What a battery broadcast says; an unknown level is taken for full, so that nobody is alarmed by it. */
        fun of(broadcast: Intent?): Battery {
            val level = broadcast?.getIntExtra(BatteryManager.EXTRA_LEVEL, -1) ?: -1
            val scale = broadcast?.getIntExtra(BatteryManager.EXTRA_SCALE, 100) ?: 100
            val percent = if (level < 0 || scale <= 0) 100 else (level * 100 / scale).coerceIn(0, 100)
            val charging = when (broadcast?.getIntExtra(BatteryManager.EXTRA_PLUGGED, 0) ?: 0) {
                0 -> "no"
                BatteryManager.BATTERY_PLUGGED_AC -> "mains"
                BatteryManager.BATTERY_PLUGGED_USB -> "usb"
                else -> "unknown"
            }
            return Battery(percent, charging)
        }

    }
}
