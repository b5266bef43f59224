package dev.simrelay

import org.json.JSONObject

/** How the core does, as [NativeBridge.status] tells it. */
class Status(
    val serving: Boolean,
    val port: Int,
    /** Why the API does not listen; null if it does. */
    val portProblem: String?,
    val user: String,
    val password: String,
    /** By which clients and receivers know this phone. */
    val deviceId: String,
    /** Deliveries that wait. */
    val pending: Long,
    /** Deliveries that were given up. */
    val dead: Long,
    /** A message waits to be sent. */
    val unsent: Boolean,
    /** The last write reached the disk. */
    val writable: Boolean,
    /** A part of the database is damaged. */
    val damaged: Boolean,
    /** The next opening recovers the database. */
    val needsRecovery: Boolean,
    /** The database was recovered, and the owner has not said on the page that he has seen it. */
    val recovered: Boolean,
    /** Attempts wait for validated internet. */
    val internetRequired: Boolean,
    val version: String,
) {
    companion object {
        fun parse(json: String): Status = JSONObject(json).run {
            Status(
                serving = optBoolean("serving"),
                port = optInt("port"),
                portProblem = optString("portProblem").ifEmpty { null },
                user = optString("user"),
                password = optString("password"),
                deviceId = optString("deviceId"),
                pending = optLong("pending"),
                dead = optLong("dead"),
                unsent = optBoolean("unsent"),
                writable = optBoolean("writable", true),
                damaged = optBoolean("damaged"),
                needsRecovery = optBoolean("needsRecovery"),
                recovered = optBoolean("recovered"),
                internetRequired = optBoolean("internetRequired", true),
                version = optString("version"),
            )
        }
    }
}
