package dev.simrelay.setup

import android.app.Activity
import android.app.AlertDialog
import android.text.InputType
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.Toast
import dev.simrelay.App
import dev.simrelay.R
import dev.simrelay.Status
import dev.simrelay.logFailure
import org.json.JSONObject

/** Changes user, password, port and device id. The core says what is wrong with a value. */
class AccessDialog(
    private val activity: Activity,
    private val app: App,
    private val status: Status,
    private val redraw: () -> Unit,
) {
    private val user = field(R.string.user, status.user, InputType.TYPE_CLASS_TEXT)
    private val password = field(R.string.password, "", InputType.TYPE_CLASS_TEXT)
    private val port = field(R.string.port, status.port.toString(), InputType.TYPE_CLASS_NUMBER)

    private val deviceId = field(R.string.device_id, status.deviceId, InputType.TYPE_CLASS_TEXT)

    fun show() {
        val fields = LinearLayout(activity).apply {
            orientation = LinearLayout.VERTICAL
            val side = dp(20)
            setPadding(side, side, side, 0)
            text(app.getString(R.string.access_hint))
            listOf(user, password, port, deviceId).forEach(::addView)
        }
        AlertDialog.Builder(activity)
            .setTitle(R.string.access)
            .setView(fields)
            .setNegativeButton(R.string.cancel, null)
            .setPositiveButton(R.string.save) { _, _ -> save() }
            .show()
    }

    /** Only what differs is told, so that a dialog left open undoes nothing. */
    private fun save() {
        val number = filled(port)?.let { typed ->
            typed.toIntOrNull()?.takeIf { it in PORTS } ?: return say(R.string.port_wrong)
        }
        val change = JSONObject()
        filled(user)?.takeIf { it != status.user }?.let { change.put("user", it) }
        filled(password)?.let { change.put("password", it) }
        number?.takeIf { it != status.port }?.let { change.put("port", it) }
        filled(deviceId)?.takeIf { it != status.deviceId }?.let { change.put("deviceId", it) }
        if (change.length() == 0) return
        app.workers.control("the access") {
            try {
                app.core.tell { setAccess(change.toString()) }
            } catch (error: IllegalArgumentException) {
                say(error.message.orEmpty())
            } catch (error: IllegalStateException) {
                logFailure("the access could not be changed", error)
                say(R.string.access_failed)
            }
            redraw()
            // By then the API listens on the new port, or says why not.
            app.workers.after(SETTLED_MILLIS, redraw)
        }
    }

    private fun say(words: Int) = say(app.getString(words))

    private fun say(words: String) =
        activity.runOnUiThread { Toast.makeText(activity, words, Toast.LENGTH_LONG).show() }

    private fun filled(field: EditText): String? = field.text.toString().ifEmpty { null }

    private fun field(label: Int, value: String, type: Int) = EditText(activity).apply {
        setHint(label)
        setText(value)
        inputType = type
        setSingleLine()
    }

    private companion object {
        val PORTS = 1..65_535
        const val SETTLED_MILLIS = 2_000L
    }
}
