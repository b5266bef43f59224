package dev.simrelay.device

import android.app.KeyguardManager
import android.content.Context
import android.content.res.Configuration
import android.os.PowerManager
import dev.simrelay.App
import dev.simrelay.Platform
import dev.simrelay.R
import dev.simrelay.service
import java.util.Locale
import org.json.JSONArray
import org.json.JSONObject

/** What on this phone may keep the gateway from its work, and what to do about it. */
class Warnings(private val app: App) {
    /** A sentence for the owner, and the name of its check in health (`shell:<code>`). */
    data class Warning(val code: String, private val text: Int, private val about: Int?) {
        fun words(context: Context): String =
            if (about == null) context.getString(text) else context.getString(text, context.getString(about))
    }

    /** Looked at now, since the owner and the platform change these at any time. */
    fun read(): List<Warning> {
        PermissionGroup.remember(app)
        val missing = PermissionGroup.values().filter { !it.isGranted(app) }.map {
            val code = "permission-${it.code}"
            if (it.hasDisappeared(app)) Warning(code, R.string.warning_permission_gone, it.title)
            else Warning(code, it.missing, null)
        }
        return missing + listOfNotNull(
            Warning("battery-optimisation", R.string.warning_battery, null).takeIf { !isExemptFromBatteryOptimisation() },
            Warning("auto-reset", R.string.warning_auto_reset, null).takeIf { !Platform.keepsPermissionsWhenUnused(app) },
            Warning("background-restricted", R.string.warning_background, null).takeIf { Platform.isBackgroundRestricted(app) },
            Warning("secure-lock", R.string.warning_secure_lock, null).takeIf { hasSecureLock() },
        )
    }

    /** For the core; in English, as all that it says. */
    fun json(): JSONArray {
        val english = Configuration(app.resources.configuration).apply { setLocale(Locale.ENGLISH) }
        val context = app.createConfigurationContext(english)
        return array(read().map { JSONObject().put("code", it.code).put("text", it.words(context)) })
    }

    private fun isExemptFromBatteryOptimisation(): Boolean =
        app.service<PowerManager>().isIgnoringBatteryOptimizations(app.packageName)

    /** With a PIN, pattern or password: after a reboot nothing is received until it was entered once. */
    private fun hasSecureLock(): Boolean = app.service<KeyguardManager>().isDeviceSecure
}
