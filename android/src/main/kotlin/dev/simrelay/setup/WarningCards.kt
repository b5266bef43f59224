package dev.simrelay.setup

import android.app.Activity
import android.content.Intent
import android.widget.LinearLayout
import dev.simrelay.App
import dev.simrelay.R

/** What may keep the gateway from running by itself, each with the screen where the owner changes it. */
class WarningCards(private val activity: Activity, private val app: App) {
    fun draw(list: LinearLayout) {
        val warnings = app.device.warnings
        // The permissions have cards of their own.
        val found = warnings.read().filter { !it.code.startsWith("permission-") }
        if (found.isEmpty() && !warnings.hasSecureLock()) return
        list.heading(R.string.warnings)
        for (warning in found) {
            list.text(warning.words(activity), warning = true)
            list.button(app.getString(R.string.exempt), warning.code) {
                SystemScreens.open(activity, screen(warning.code))
            }
        }
        if (warnings.hasSecureLock()) {
            list.text(app.getString(R.string.warning_secure_lock), warning = true)
            list.button(app.getString(R.string.open_settings), "secure-lock") {
                SystemScreens.open(activity, SystemScreens.security())
            }
        }
    }

    private fun screen(code: String): Intent = when (code) {
        "battery-optimisation" -> SystemScreens.batteryExemption(activity)
        "auto-reset" -> SystemScreens.autoReset(activity)
        else -> SystemScreens.appDetails(activity)
    }
}
