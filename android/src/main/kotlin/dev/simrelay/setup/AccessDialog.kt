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
import org.json.JSONObject

/** Changes user, password and port. The core says what is wrong with a value. */
class AccessDialog(
    private val activity: Activity,
    private val app: App,
    private val status: Status,
    private val redraw: () -> Unit,
) {
    private val user = field(R.string.user, status.user, InputType.TYPE_CLASS_TEXT)
    private val password = field(R.string.password, "", InputType.TYPE_CLASS_TEXT)
    private val port = field(R.string.port, status.port.toString(), InputType.TYPE_CLASS_NUMBER)

    fun show() {
        val fields = LinearLayout(activity).apply {
            orientation = LinearLayout.VERTICAL
            val side = dp(20)
            setPadding(side, side, side, 0)
            text(app.getString(R.string.access_hint))
            listOf(user, password, port).forEach(::addView)
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
        val change = JSONObject()
        filled(user)?.takeIf { it != status.user }?.let { change.put("user", it) }
        filled(password)?.let { change.put("password", it) }
        filled(port)?.toIntOrNull()?.takeIf { it != status.port }?.let { change.put("port", it) }
        if (change.length() == 0) return
        app.workers.control("the access") {
            try {
                app.core.tell { setAccess(change.toString()) }
            } catch (error: IllegalArgumentException) {
                activity.runOnUiThread { Toast.makeText(activity, error.message, Toast.LENGTH_LONG).show() }
            }
            redraw()
        }
    }

    private fun filled(field: EditText): String? = field.text.toString().ifEmpty { null }

    private fun field(label: Int, value: String, type: Int) = EditText(activity).apply {
        setHint(label)
        setText(value)
        inputType = type
        setSingleLine()
    }
}
